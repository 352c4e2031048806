"""The officer's workbook back, with what is wrong marked in it: `mark`, the twin of `govdata validate --output FOLDER/`."""

from govdata.marking.marking import mark as mark
