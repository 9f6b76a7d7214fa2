"""Answers across regions: each region gives sums over groups that are large enough, and only those are put together."""
