{#-
    By hour, how much planned events multiply spend: by feature, of events that are `everybody`'s,
    and the largest of `anybody`: an event of one feature moves others by no more than that.
-#}
{% macro planned_uplifts(events) -%}
    with hours as (

        select
            feature,
            {{ unrounded("uplift") }} as uplift,
            unnest(generate_series(
                date_trunc('hour', valid_from), valid_to - interval 1 second, interval 1 hour
            )) as utc_hour
        from {{ events }}

    )

    select utc_hour, coalesce(feature, 'everybody') as whose, max(uplift) as uplift
    from hours
    group by utc_hour, coalesce(feature, 'everybody')
    union all
    select utc_hour, 'anybody' as whose, max(uplift) as uplift
    from hours
    group by utc_hour
{%- endmacro %}

{#- Joins that find by how much planned events multiply an hour, and their product. -#}
{% macro join_uplifts(hours) -%}
    {%- for name, whose in {
        "of_any": "'anybody'", "of_all": "'everybody'", "of_member": hours ~ ".member",
    }.items() -%}
    left join uplifts as {{ name }}
        on {{ hours }}.utc_hour = {{ name }}.utc_hour and {{ name }}.whose = {{ whose }}
    {% endfor %}
{%- endmacro %}

{#- What multiplies an hour of a member, by those joins. -#}
{% macro uplift_of(hours) -%}
    case when {{ hours }}.scope = 'feature' then coalesce(of_member.uplift, of_all.uplift, 1)
        else coalesce(of_any.uplift, 1) end
{%- endmacro %}
