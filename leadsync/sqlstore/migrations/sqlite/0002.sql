-- No run is believed to have read beyond its own beginning.
UPDATE sync_runs SET upper_bound = started_at WHERE upper_bound > started_at;
