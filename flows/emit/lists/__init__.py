"""问题清单.xlsx and 催报名单.xlsx."""
