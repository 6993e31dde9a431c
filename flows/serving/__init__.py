"""Prefect's server: started for one run, or kept with a schedule."""
