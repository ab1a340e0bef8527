CREATE DATABASE IF NOT EXISTS `stanch`;

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`events` (
  `account_id` string,
  `event_time` timestamp,
  `event_id` string,
  `event_source` string,
  `event_name` string,
  `region` string,
  `source_ip` string,
  `user_agent` string,
  `error_code` string,
  `error_message` string,
  `actor_type` string,
  `principal_arn` string,
  `session_arn` string,
  `principal_id` string,
  `access_key_id` string,
  `mfa` boolean,
  `read_only` boolean,
  `management_event` boolean,
  `event_type` string,
  `event_category` string,
  `bytes_out` bigint,
  `bucket` string,
  `object_key` string,
  `target_role` string,
  `issued_key_id` string,
  `vpc_endpoint_id` string,
  `request_id` string,
  `source_object` string,
  `user_identity` string,
  `request_parameters` string,
  `response_elements` string,
  `additional_event_data` string,
  `resources` string,
  `tls_details` string,
  `other` string,
  `source_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/events/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/events/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`flows` (
  `account_id` string,
  `event_time` timestamp,
  `end_time` timestamp,
  `flow_version` bigint,
  `interface_id` string,
  `instance_id` string,
  `vpc_id` string,
  `subnet_id` string,
  `source_ip` string,
  `destination_ip` string,
  `source_port` bigint,
  `destination_port` bigint,
  `protocol` bigint,
  `packets` bigint,
  `bytes` bigint,
  `action` string,
  `log_status` string,
  `tcp_flags` bigint,
  `traffic_type` string,
  `packet_source_ip` string,
  `packet_destination_ip` string,
  `region` string,
  `az_id` string,
  `source_service` string,
  `destination_service` string,
  `direction` string,
  `traffic_path` bigint,
  `other` string,
  `source_object` string,
  `source_ip_hex` string,
  `destination_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/flows/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/flows/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`s3_access` (
  `account_id` string,
  `event_time` timestamp,
  `bucket_owner` string,
  `bucket` string,
  `source_ip` string,
  `requester` string,
  `request_id` string,
  `operation` string,
  `object_key` string,
  `request_uri` string,
  `http_status` bigint,
  `error_code` string,
  `bytes_out` bigint,
  `object_size` bigint,
  `total_ms` bigint,
  `referrer` string,
  `user_agent` string,
  `version_id` string,
  `other` string,
  `source_object` string,
  `source_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/s3_access/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/s3_access/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`dns` (
  `account_id` string,
  `event_time` timestamp,
  `region` string,
  `vpc_id` string,
  `query_name` string,
  `query_type` string,
  `query_class` string,
  `rcode` string,
  `answers` string,
  `source_ip` string,
  `source_port` bigint,
  `transport` string,
  `instance_id` string,
  `firewall_rule_action` string,
  `other` string,
  `source_object` string,
  `source_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/dns/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/dns/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`waf` (
  `account_id` string,
  `event_time` timestamp,
  `web_acl` string,
  `action` string,
  `rule_id` string,
  `rule_type` string,
  `source_name` string,
  `source_id` string,
  `source_ip` string,
  `country` string,
  `method` string,
  `uri` string,
  `args` string,
  `request_id` string,
  `user_agent` string,
  `headers` string,
  `labels` string,
  `source_object` string,
  `source_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/waf/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/waf/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`db_audit` (
  `account_id` string,
  `event_time` timestamp,
  `engine` string,
  `database_server` string,
  `user_name` string,
  `source_ip` string,
  `connection_id` string,
  `operation` string,
  `database_name` string,
  `statement` string,
  `error_code` string,
  `source_object` string,
  `source_ip_hex` string
)
PARTITIONED BY (`event_date` date)
STORED AS PARQUET
LOCATION 's3://example-lake/data/db_audit/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.event_date.type'='date',
  'projection.event_date.format'='yyyy-MM-dd', 'projection.event_date.range'='2013-01-01,NOW',
  'storage.location.template'='s3://example-lake/data/db_audit/event_date=${event_date}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_case_findings` (
  `id` string,
  `type` string,
  `product` string,
  `account_id` string,
  `region` string,
  `severity` double,
  `began` string,
  `seen` string,
  `identity_kind` string,
  `identity_name` string,
  `principal_id` string,
  `access_key_id` string,
  `instance_id` string,
  `instance_arn` string,
  `caller_ip` string,
  `remote_account` string,
  `remote_ip` string,
  `direction` string,
  `remote_port` int,
  `blocked` boolean,
  `is_lead` boolean,
  `known` boolean,
  `outsider` boolean
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/case_findings/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/case_findings/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_addresses` (
  `ip` string,
  `label` string,
  `network` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/addresses/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/addresses/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_case_principals` (
  `arn` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/case_principals/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/case_principals/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_accounts` (
  `id` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/accounts/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/accounts/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_assets` (
  `arn` string,
  `tier` string,
  `stateful` boolean,
  `workload` string,
  `data` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/assets/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/assets/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_pipelines` (
  `role` string,
  `provider` string,
  `subject` string,
  `networks` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/pipelines/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/pipelines/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_windows` (
  `kind` string,
  `principal` string,
  `start_time` string,
  `end_time` string,
  `ticket` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/windows/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/windows/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_vpc_endpoints` (
  `id` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/vpc_endpoints/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/vpc_endpoints/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_privesc_paths` (
  `path` string,
  `steps` int,
  `event_source` string,
  `event_name` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/privesc_paths/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/privesc_paths/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_grants` (
  `event_id` string,
  `kind` string,
  `holder` string,
  `target` string,
  `own` boolean,
  `admin` boolean,
  `iam` boolean,
  `wildcard` boolean,
  `readable` boolean,
  `outsider` boolean
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/grants/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/grants/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_period` (
  `baseline` string,
  `since` string,
  `seen` string,
  `until` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/period/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/period/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_suspect_times` (
  `start_time` string,
  `end_time` string,
  `why` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/suspect_times/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/suspect_times/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_case_resources` (
  `kind` string,
  `id` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/case_resources/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/case_resources/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_hosts` (
  `ip` string,
  `interface_id` string,
  `instance_id` string,
  `group_id` string,
  `in_case` boolean
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/hosts/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/hosts/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_service_map` (
  `source` string,
  `destination` string,
  `port` int
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/service_map/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/service_map/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_partner_accounts` (
  `id` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/partner_accounts/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/partner_accounts/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_signals` (
  `rule` string,
  `level` string,
  `event_id` string
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/signals/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/signals/${desk}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stanch`.`desk_metrics` (
  `instance_id` string,
  `name` string,
  `time` string,
  `value` double
)
PARTITIONED BY (`desk` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://example-lake/desks/metrics/'
TBLPROPERTIES (
  'projection.enabled'='true', 'projection.desk.type'='injected',
  'storage.location.template'='s3://example-lake/desks/metrics/${desk}/'
);
