-- Hours and days of one report would both be summed. To cure it, fetch the report in one width, and
-- take what came in another out: outlay withdraw FILE --reason "another bucket width".

select
    source_name,
    provider,
    usage_type,
    utc_day,
    min(bucket_end - bucket_start) as narrowest,
    max(bucket_end - bucket_start) as widest
from {{ ref("fct_provider_usage") }}
where {{ on_days_of_run(["billing_usage"]) }}
group by source_name, provider, usage_type, utc_day
having min(bucket_end - bucket_start) <> max(bucket_end - bucket_start)
