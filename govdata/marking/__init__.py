"""The officer's workbook back, with what is wrong marked in it: `govdata.mark`, the twin of `govdata validate --output FOLDER/`."""
