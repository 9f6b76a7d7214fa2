"""Power BI projects: a region's gold as a semantic model with a report, made from the models' headers and the pages.

`derive.py` says what the model is, `tmdl.py` and `report.py` write it down, `folder.py` puts the files in place.
"""
