{#-
    The columns of `rpt_payback` from sums over `weeks` weeks of what each saved: `saving`, and
    `squares` of it. A week in which nothing closed saved nothing.
-#}
{% macro payback_of_weeks(summed) -%}
    {%- set days = "one_off_usd * 7" -%}
    with means as (

        select
            *,
            {{ ratio("saving", "weeks") }} as mean,
            {{ interval_width("weeks") }} * sqrt(greatest(
                {{ ratio(
                    "squares - " ~ ratio("saving * saving", "weeks"), "weeks * (weeks - 1)"
                ) }},
                0
            )) as half_width
        from {{ summed }}

    ),

    bounded as (

        select
            *,
            case when weeks > 0 then mean end as weekly,
            case when weeks >= {{ fewest_weeks() }} then mean - half_width end as weekly_low,
            case when weeks >= {{ fewest_weeks() }} then mean + half_width end as weekly_high
        from means

    )

    select
        task_type,
        cast(one_off_usd as decimal(28, 9)) as one_off_usd,
        first_closed_date,
        earned_usd,
        paid_back_date,
        {{ as_count("weeks") }} as weeks,
        {% for bound in ["", "_low", "_high"] -%}
        cast(weekly{{ bound }} as decimal(28, 9)) as weekly_saving{{ bound }}_usd,
        {% endfor -%}
        {% for bound, saving in {"": "", "_low": "_high", "_high": "_low"}.items() -%}
        {{ as_count("case when weekly" ~ saving ~ " > 0 then ceil("
            ~ ratio(days, "weekly" ~ saving) ~ ") end") }} as payback{{ bound }}_days,
        {% endfor -%}
        case
            when one_off_usd is null or first_closed_date is null then 'not_stated'
            when paid_back_date is not null then 'paid_back'
            when weekly_low is null then 'too_early'
            when weekly_low > 0 then 'pays_back'
            when weekly_high < 0 then 'loses'
            else 'unclear'
        end as verdict
    from bounded
{%- endmacro %}

{#- Of fewer weeks no interval is told. -#}
{% macro fewest_weeks() -%}4{%- endmacro %}
