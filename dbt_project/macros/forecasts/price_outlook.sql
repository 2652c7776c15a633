{#-
    How prices that are announced already change what a model's tokens cost in the 30 days after a
    day: by price key, of each token class its mean price over them beside that of the first, and
    when the first of them changes. Of standard cards of any region, for small requests: what other
    tiers and regions cost moves alike. A class that is not priced, or was free, stays as it is.
-#}
{% macro price_outlook(cards, made) -%}
    with plain as (

        select *
        from {{ cards }}
        where service_tier = 'standard' and region is null and min_input_tokens = 0
        -- of the hours of a day, the first
        qualify row_number() over (partition by price_key, valid_from order by daily_from) = 1

    ),

    days as (

        select made.made_on, ahead.day, cast(made.made_on + ahead.day as timestamp) as starts_at
        from {{ made }} as made
        cross join (select cast(range as integer) as day from range(1, 31)) as ahead

    ),

    priced as (

        select days.day, plain.*
        from days
        inner join plain on days.starts_at >= plain.valid_from and days.starts_at < plain.valid_to

    )

    select
        price_key,
        cast(min(valid_from) filter (where day > 1 and valid_from > first_from) as date)
            as next_price_on
        {%- for c in token_classes() %},
        coalesce({{ ratio(
            "sum(" ~ c ~ "_usd_per_mtok)",
            "count(" ~ c ~ "_usd_per_mtok) * min(first_" ~ c ~ ")"
        ) }}, 1) as {{ c }}_factor
        {%- endfor %}
    from (
        select
            *,
            arg_min(valid_from, day) over (partition by price_key) as first_from
            {%- for c in token_classes() %},
            arg_min({{ c }}_usd_per_mtok, day) over (partition by price_key) as first_{{ c }}
            {%- endfor %}
        from priced
    ) as beside_first
    group by price_key
{%- endmacro %}
