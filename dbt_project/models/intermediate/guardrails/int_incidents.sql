{#-
    One row an incident: of the episodes in which the same money shows, that of the narrowest member
    which explains most of it. Definition: DECISIONS.md, `incident`. Episodes are few: all are read.
-#}

with new_hours as (

    select * from {{ ref("int_new_member_hours") }}

),

new_members as (

    {{ new_member_episodes_select("new_hours", var("incident_floor_usd")) }}

),

detected as (

    select * from {{ ref("int_incident_episodes") }}
    union all by name
    select * from new_members

),

episodes as (

    select
        *,
        concat_ws('/', detected_at, measure, scope, member) as episode_id,
        case when measure in ('spend', 'unit_cost', 'new_member') then 'cost' else measure end
            as money,
        scope = 'feature' and member <> 'unattributed' as is_of_feature
    from detected

),

-- features share no money: an episode of one is its own; any other joins the largest that explains
-- half of it, a feature's before others, and began to alert with it
led as (

    select
        episodes.episode_id,
        arg_max(
            others.episode_id,
            (others.is_of_feature, others.excess_usd, others.episode_id)
        ) as leader
    from episodes
    inner join episodes as others
        on episodes.money = others.money
        and episodes.started_at <= others.last_at
        and episodes.last_at >= others.started_at
        and case
            when episodes.scope = others.scope then episodes.member = others.member
            when episodes.is_of_feature or others.scope = 'company' then false
            when others.excess_usd < episodes.excess_usd * 0.5 then false
            when episodes.scope = 'company' then true
            else abs(datediff('hour', episodes.detected_at, others.detected_at)) <= 48
        end
    group by episodes.episode_id

),

grouped as (

    select episodes.*, coalesce(above.leader, led.leader) as leader
    from episodes
    inner join led on episodes.episode_id = led.episode_id
    left join led as above on led.leader = above.episode_id

),

ranked as (

    select
        *,
        min(detected_at) over one_incident as first_alert_at,
        max(last_alert_at) over one_incident as last_seen_at,
        count(*) over one_incident as episodes,
        max(excess_usd) over one_incident as largest_usd,
        -- a feature has an owner: it goes before a key or a model that is as narrow
        mean_hour_usd * case when is_of_feature then 0.7 else 1 end as breadth
    from grouped
    window one_incident as (partition by leader)

),

final as (

    select
        concat_ws(
            '/', strftime(first_alert_at, '%Y-%m-%dT%H'), measure, scope, member
        ) as incident_id,
        scope,
        member,
        measure,
        -- of a day's tasks, which stand at its last hour
        case when measure = 'waste' then date_trunc('day', started_at) else started_at end
            as started_at,
        last_at,
        first_alert_at as detected_at,
        last_seen_at as last_alert_at,
        window_hours,
        score_ratio,
        usual_usd,
        actual_usd,
        excess_usd,
        episodes
    from ranked
    where excess_usd >= largest_usd * 0.6
    qualify row_number() over (
        partition by leader
        order by breadth asc, measure = 'spend' asc, excess_usd desc, episode_id asc
    ) = 1

)

select * from final
