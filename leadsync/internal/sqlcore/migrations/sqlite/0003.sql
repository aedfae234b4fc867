-- Who works on a window and how often it was tried is known to the jobs (table river_job). A window has a fence: the
-- epoch grows each time somebody begins the window, and only the last one can commit. The states are pending, done, failed.
UPDATE sync_windows SET state = 'pending' WHERE state = 'running';
ALTER TABLE sync_windows DROP COLUMN worker;
ALTER TABLE sync_windows DROP COLUMN attempts;
