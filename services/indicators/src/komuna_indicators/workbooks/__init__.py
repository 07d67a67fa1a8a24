"""The workbook of a form: given out to be filled, taken back, and answered by another one."""
