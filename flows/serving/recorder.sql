-- name: flow
INSERT INTO flow (id, name, tags, labels) VALUES (:id, :name, :tags, :labels) 
ON CONFLICT (name) DO UPDATE SET updated = updated
RETURNING id
-- name: run
INSERT INTO flow_run (id, flow_id, name, flow_version, parameters, context, empirical_policy, tags, labels,
                      expected_start_time)
VALUES (:id, :flow_id, :name, :flow_version, :parameters, :context, :empirical_policy, :tags, :labels,
        :expected_start_time)
-- name: name
UPDATE flow_run SET name = :name, updated = :updated WHERE id = :id
-- name: state
INSERT INTO flow_run_state (id, flow_run_id, type, name, message, timestamp, state_details)
VALUES (:id, :flow_run_id, :type, :name, :message, :timestamp, :state_details)
-- name: at
UPDATE flow_run
SET state_id = :state_id, state_type = :state_type, state_name = :state_name, state_timestamp = :state_timestamp,
    run_count = :run_count, start_time = :start_time, end_time = :end_time, total_run_time = :total_run_time,
    updated = :updated
WHERE id = :id
