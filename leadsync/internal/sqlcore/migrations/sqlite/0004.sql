-- Histories are found by lead and time, newest first, without looking at all that a lead has done.
DROP INDEX activities_by_lead;
CREATE INDEX activities_by_lead ON activities (lead_id, occurred_at);
-- When leads began and were merged, which says whether a history is whole.
CREATE INDEX activities_landmarks ON activities (lead_id, occurred_at) WHERE type IN ('New Lead', 'Merge Leads', 'SFDC Merge Leads');
CREATE INDEX leads_by_email ON leads (lower(email));
CREATE INDEX sync_problems_by_stream ON sync_problems (stream);
-- The last run that has ended, which says how far a stream has come.
CREATE INDEX sync_runs_finished ON sync_runs (stream, id) WHERE finished_at IS NOT NULL;
