"""Named audiences: who meets a rule over purchases, attributes, groups, answers and words; who cannot be judged."""

from insight.audiences.judging import Groups, Judged, judged
from insight.audiences.linking import Unit
from insight.audiences.naming import Names, labels_of, names_of
from insight.audiences.obstacles import unknown_values
from insight.audiences.telling import told, told_part
from insight.audiences.writing import read

__all__ = [
    "Groups", "Judged", "Names", "Unit", "judged", "labels_of", "names_of", "read", "told", "told_part", "unknown_values",
]  # fmt: skip
