"""Which questions are the tasks of a research method, and what each respondent was shown in them."""

from insight.tasks.best_worst import BestWorst, best_worst
from insight.tasks.choosing import ChoiceTasks, choice_tasks
from insight.tasks.groups import groups_of
from insight.tasks.market import market
from insight.tasks.priced import Ladder, MeterAnswers, ladder, meter_answers
from insight.tasks.rating import Ratings, is_rated, ratings
from insight.tasks.worths import Worths, coding_of, worths

__all__ = [
    "BestWorst",
    "ChoiceTasks",
    "Ladder",
    "MeterAnswers",
    "Ratings",
    "Worths",
    "best_worst",
    "choice_tasks",
    "coding_of",
    "groups_of",
    "is_rated",
    "ladder",
    "market",
    "meter_answers",
    "ratings",
    "worths",
]
