{#- Days of a version, and of the one before, that say what a release changed. -#}
{% macro fewest_slimming_days() -%}4{%- endmacro %}

{#-
    From what both sides of a release measured to dollars a month. What is less than chance makes of
    days (the 95 % interval holds 0) is no lever. The price of a token that is gone is that of the
    classes that went the same way: a cached start is cheap to carry.
-#}
{% macro slimming_effects(measured, cell, classes) -%}
    bounded as (

        select
            *,
            r_1 - r_0 as change,
            {{ interval_width("least(m_0, m_1)") }} * sqrt(greatest(
                {{ rate_variance(0, of="k", rate="r") }} + {{ rate_variance(1, of="k", rate="r") }},
                0
            )) as half_width
        from {{ measured }}
        where least(m_0, m_1) >= {{ fewest_slimming_days() }}

    ),

    changed as (

        select
            *,
            {% for c in classes -%}
            case when sign({{ c }}_1 - {{ c }}_0) = sign(change)
                then abs({{ c }}_1 - {{ c }}_0) else 0 end as {{ c }}_weight
            {{- "," if not loop.last }}
            {% endfor %}
        from bounded
        where abs(change) > half_width

    ),

    used as (

        select
            {{ cell | join(", ") }},
            charge_month as month,
            sum(n) as calls,
            {% for c in classes -%}
            {{ ratio("sum(" ~ c ~ "_usd)", "sum(" ~ c ~ "_tokens)") }} as {{ c }}_price
            {{- "," if not loop.last }}
            {% endfor %}
        from days
        group by {{ cell | join(", ") }}, charge_month

    ),

    priced as (

        select
            used.{{ cell | join(", used.") }},
            used.month,
            used.calls,
            changed.change,
            changed.half_width,
            {%- set weight = [] %}
            {%- set usd = [] %}
            {%- for c in classes %}
            {%- set known = "case when used." ~ c ~ "_price is not null then changed." ~ c
                ~ "_weight else 0 end" %}
            {%- do weight.append(known) %}
            {%- do usd.append("coalesce(changed." ~ c ~ "_weight * used." ~ c ~ "_price, 0)") %}
            {%- endfor %}
            {{ ratio("(" ~ usd | join(" + ") ~ ")", "(" ~ weight | join(" + ") ~ ")") }}
                as token_usd
        from used
        inner join changed
            on {% for column in cell -%}
            used.{{ column }} = changed.{{ column }}{{ " and " if not loop.last }}
            {%- endfor %}

    )

    select
        {{ cell | join(", ") }},
        month,
        {{ as_count("round(-change * calls)") }} as saved_tokens,
        {% for name, change in {
            "prompt_slimming": "-change", "low_slimming": "-change - half_width",
            "high_slimming": "-change + half_width",
        }.items() -%}
        cast(calls * ({{ change }}) * token_usd as decimal(28, 9)) as {{ name }}
        {{- "," if not loop.last }}
        {% endfor %}
    from priced
{%- endmacro %}
