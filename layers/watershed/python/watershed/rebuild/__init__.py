"""Silver made again from bronze, in tables beside, which then take the place of those that readers see."""
