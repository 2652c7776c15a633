{#-
    What caches could have answered and did not, by cause: prompts that came again on their day, and
    prompt versions that changed their static start, so that the provider's cache held less.
-#}
{{ config(materialized="view") }}

with repeats as (

    select
        {{ month_of("call_date") }} as month,
        'repeated_prompt' as cause,
        feature,
        provider,
        model_id,
        sum(hashed_calls) as hashed_calls,
        sum(repeated_calls) as repeated_calls,
        sum(missed_calls) as missed_calls,
        sum(unpriced_calls) as unpriced_calls,
        {{ ratio("sum(repeated_calls)", "sum(hashed_calls)") }} as ideal_hit_ratio,
        {{ ratio("sum(repeated_calls - missed_calls)", "sum(hashed_calls)") }} as hit_ratio,
        -- a day without a missed call adds 0: nothing is known where none of the calls has a price
        case when sum(unpriced_calls) < sum(missed_calls) or sum(missed_calls) = 0
            then sum(missed_usd) end as missed_usd
    from {{ ref("fct_repeated_prompts_daily") }}
    group by {{ month_of("call_date") }}, feature, provider, model_id

),

versions as (

    {{ versions_beside_the_one_before(ref("fct_prompt_prefixes_daily")) }}

),

prefixes as (

    select
        *,
        {{ ratio("read_before", "input_before") }} as ratio_before,
        {{ ratio("read_tokens", "input_tokens") }} as ratio_now,
        {{ ratio("input_before - read_before", "calls_before") }} as unread_before,
        {{ ratio("input_tokens - read_tokens", "calls") }} as unread_now
    from versions
    where (first_hash <> first_hash_before or last_hash <> last_hash_before)
        and calls_before >= {{ fewest_prefix_calls() }}
        and calls >= {{ fewest_prefix_calls() }}

),

releases as (

    select
        prefixes.feature,
        prefixes.prompt_version,
        -- what names the version, else what came last before it
        arg_max(events.change_event, (
            coalesce(events.version = prefixes.prompt_version, false), events.occurred_at
        )) as change_event
    from prefixes
    inner join {{ ref("fct_change_events") }} as events
        on (prefixes.feature = events.feature or events.feature is null)
        and prefixes.first_at >= events.occurred_at
        and prefixes.first_at < events.occurred_at + interval 1 day
    where events.change_kind in ('prompt_version', 'deploy')
    group by prefixes.feature, prefixes.prompt_version

),

causes as (

    select * from repeats
    union all by name
    select
        prefixes.month,
        'prefix_changed' as cause,
        prefixes.feature,
        prefixes.provider,
        prefixes.model_id,
        prefixes.prompt_name,
        prefixes.prompt_version,
        prefixes.previous_version,
        prefixes.prefixes,
        releases.change_event,
        prefixes.calls + prefixes.unpriced_calls as hashed_calls,
        prefixes.calls as missed_calls,
        prefixes.unpriced_calls,
        prefixes.ratio_before as ideal_hit_ratio,
        prefixes.ratio_now as hit_ratio,
        {{ uncached_usd() }} as missed_usd
    from prefixes
    left join releases
        on prefixes.feature = releases.feature
        and prefixes.prompt_version = releases.prompt_version
    -- a share that fell by less than a quarter is what another mix of prompts makes
    where prefixes.ratio_now < 0.75 * prefixes.ratio_before
        -- a shorter start is less to read, and leaves no more unread
        and 0.75 * prefixes.unread_now > prefixes.unread_before

),

final as (

    {{ missed_caches("causes") }}

)

select * from final
