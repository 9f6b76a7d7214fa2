"""A region's time zones: views of silver's and gold's tables in which days are local days and times local times."""
