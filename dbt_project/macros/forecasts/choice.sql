{#-
    By series and origin, how each method erred in what was known by then, of the seasons
    `scored`, beside what there was, and the method that erred least. A block counts once over.
-#}
{% macro forecast_choice_select(methods, keys, shape) -%}
    {%- set keyed = keys | join(", ") -%}
    with blocks as (

        select
            {{ keyed }},
            origin + block * {{ shape.season }} as origin,
            sum(abs(known)) as usd
            {%- for method in ["naive", "profile", "ridge"] %},
            sum(abs(known - {{ method }})) as {{ method }}
            {%- endfor %}
        from {{ methods }}
        where known is not null
        group by {{ keyed }}, origin + block * {{ shape.season }}

    ),

    origins as (

        select {{ keyed }}, origin from {{ methods }} where ahead = 1

    ),

    errors as (

        select
            {{ keyed }},
            origin
            {%- for method in ["naive", "profile", "ridge"] %},
            -- doubles add up in any order: what differs in the tenth digit is the same
            round({{ ratio("sum(" ~ method ~ ") over known_then", "sum(usd) over known_then") }}, 9)
                as {{ method }}_error
            {%- endfor %}
        from origins
        left join blocks using ({{ keyed }}, origin)
        window known_then as (
            partition by {{ keyed }} order by origin
            range between {{ shape.scored * shape.season }} preceding and current row
        )

    )

    select
        {{ keyed }},
        origin,
        case
            when ridge_error < naive_error and ridge_error <= profile_error then 'ridge'
            when profile_error < naive_error then 'profile'
            else 'naive'
        end as method,
        least(naive_error, profile_error, ridge_error) as error_ratio
    from errors
{%- endmacro %}

{#- The forecast of each origin: by the method chosen then. -#}
{% macro forecast_chosen_select(methods, choice, keys) -%}
    select
        methods.*,
        choice.method,
        choice.error_ratio,
        case choice.method when 'ridge' then ridge when 'profile' then profile else naive end
            as chosen
    from {{ methods }} as methods
    inner join {{ choice }} as choice using ({{ keys | join(", ") }}, origin)
{%- endmacro %}
