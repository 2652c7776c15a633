{#-
    A column of forecasts with what it sums to so far ahead, and how far from both the truth lay in
    80 % of the earlier forecasts so far ahead, of the seasons `scored`: split conformal. A step's
    distance is in units of forecast and level, half each: a night is no day. Of origins
    before `asked_from` no distance is told.
-#}
{% macro forecast_intervals_select(chosen, forecast, keys, shape, asked_from=none) -%}
    {%- set keyed = keys | join(", ") -%}
    with summed as (

        select
            *,
            0.5 * ({{ forecast }} + greatest(newest_level, 0)) as breadth,
            sum({{ forecast }}) over so_far as forecast_sum,
            case when count(known) over so_far = ahead then sum(known) over so_far end as known_sum
        from {{ chosen }}
        {%- if asked_from %}
        where origin >= {{ asked_from }} - {{ (shape.scored + shape.blocks) * shape.season }}
        {%- endif %}
        window so_far as (partition by {{ keyed }}, origin order by ahead)

    ),

    misses as (

        select
            {{ keyed }},
            ahead,
            origin + block * {{ shape.season }} as origin,
            {{ ratio("abs(known - " ~ forecast ~ ")", "breadth") }} as miss,
            {{ ratio("abs(known_sum - forecast_sum)", "forecast_sum") }} as sum_miss
        from summed
        where known is not null

    ),

    known_then as (

        select
            {{ keyed }},
            ahead,
            origin
            {%- for miss in ["miss", "sum_miss"] %},
            list({{ miss }}) filter (where {{ miss }} is not null) over before as {{ miss }}
            {%- endfor %}
        from misses
        window before as (
            partition by {{ keyed }}, ahead order by origin
            range between {{ shape.scored * shape.season }} preceding and current row
        )

    ),

    sorted as (

        select
            {{ keyed }},
            ahead,
            origin,
            list_sort(miss) as miss,
            list_sort(sum_miss) as sum_miss
        from known_then
        {%- if asked_from %}
        where origin >= {{ asked_from }}
        {%- endif %}

    ),

    ranked as (

        select
            {{ keyed }},
            ahead,
            origin,
            {{ conformal_quantile("miss") }} as miss,
            {{ conformal_quantile("sum_miss", shape.made) }} as sum_miss
        from sorted

    )

    select
        summed.* exclude (breadth),
        summed.breadth * ranked.miss as distance,
        summed.forecast_sum * ranked.sum_miss as sum_distance
    from summed
    left join ranked using ({{ keyed }}, ahead, origin)
{%- endmacro %}

{#-
    The 80 % quantile of n sorted misses and one to come: rank 0.8 (n + 1), or between two. Misses
    of sums overlap and tell less: to come are as many as are made in a season.
-#}
{% macro conformal_quantile(misses, to_come=1) -%}
    {%- set rank =
        "least(0.8 * (" ~ to_come ~ " + len(" ~ misses ~ ")), len(" ~ misses ~ "))" -%}
    {{ misses }}[cast(floor({{ rank }}) as integer)] + ({{ rank }} - floor({{ rank }}))
        * ({{ misses }}[cast(ceil({{ rank }}) as integer)]
            - {{ misses }}[cast(floor({{ rank }}) as integer)])
{%- endmacro %}
