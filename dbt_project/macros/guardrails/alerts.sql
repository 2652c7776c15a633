{#-
    Hours that burn as they rarely do, from rows of `burn_select`.

    A window's limit is what the series itself reached before: the second largest of its daily
    peaks in the 28 days before the day, so that one odd day does not hide the next; at least the
    logarithm of the window's smallest growth; times the window's score for spend, or `unit_score`
    for all else. Spend needs three weeks of peaks; with less than two, limits are half as high
    again. The largest burn over its limit is the score; above 1 it alerts, where the excess of 24
    hours is more than `floor_usd` too.
-#}
{% macro burn_alerts_select(
    burn, keys, windows, unit_score, floor_usd, wanted="true"
) -%}
    {%- set keyed = keys | join(", ") -%}
    with burn as (

        select * from {{ burn }}

    ),

    peaks as (

        select
            {{ keyed }},
            utc_day
            {%- for window, _, _ in windows %},
            max(burn_{{ window }}h_ratio) as peak_{{ window }}
            {%- endfor %}
        from burn
        group by {{ keyed }}, utc_day

    ),

    limits as (

        select
            {{ keyed }},
            utc_day
            {%- for window, growth, spend_score in windows %},
            greatest(
                coalesce(list_sort(list(peak_{{ window }}) over before, 'desc')[2], 0),
                ln({{ growth }})
            ) * case when measure = 'spend' then {{ spend_score }} else {{ unit_score }} end
                * case when count(*) over before < 14 then 1.5 else 1 end
                as limit_{{ window }}
            {%- endfor %}
        from peaks
        window before as (
            partition by {{ keyed }} order by utc_day
            range between interval 28 days preceding and interval 1 day preceding
        )
        qualify measure <> 'spend' or count(*) over before >= 21

    ),

    scored as (

        select
            burn.*,
            greatest(
                {%- for window, _, _ in windows %}
                {{ ratio("burn_" ~ window ~ "h_ratio", "limit_" ~ window) }}
                {{- "," if not loop.last }}
                {%- endfor %}
            ) as score_ratio,
            case
                {%- for window, _, _ in windows %}
                when burn_{{ window }}h_ratio > limit_{{ window }}
                    then {{ window }}
                {%- endfor %}
            end as window_hours
        from burn
        inner join limits using ({{ keyed }}, utc_day)

    )

    select
        {{ keyed }},
        utc_day,
        utc_hour,
        score_ratio,
        cast(window_hours as integer) as window_hours,
        excess_24h_usd
    from scored
    where score_ratio > 1 and excess_24h_usd > {{ floor_usd }} and {{ wanted }}
{%- endmacro %}
