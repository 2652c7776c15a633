-- Which calls cost more than a dollar?
-- Estimates; calls without a price are in no answer about prices. The prompt is nowhere kept: the
-- provider's id of the answer leads to it in the gateway's own log.
select
    started_at,
    feature,
    tenant_id,
    model_id,
    input_uncached_tokens + cache_read_tokens as input_tokens,
    output_tokens,
    estimate_usd,
    provider_response_id
from marts.fct_calls
where estimate_usd > 1
order by estimate_usd desc, started_at, call_id
limit 50;
