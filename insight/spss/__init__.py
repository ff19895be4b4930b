"""Answers as an SPSS file: variables with their labels, missing values and multi-response sets.

- ``variables_of(responses, questionnaire)``: what was answered, as variables and sets;
- ``groups_of(dataset)``: what the respondents bought, as further variables; identities never;
- ``written(variables, sets, ...)``: the bytes of the .sav.
"""

from insight.spss.answers import variables_of
from insight.spss.purchases import groups_of
from insight.spss.variables import Several, Variable
from insight.spss.writing import written

__all__ = ["Several", "Variable", "groups_of", "variables_of", "written"]
