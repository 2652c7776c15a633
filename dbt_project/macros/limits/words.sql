{#- Words of limits, as somebody may read them out. -#}

{#- US dollars in cents, of less than ten of them in hundredths of one. -#}
{% macro usd_words(usd) -%}
    case when {{ usd }} <> 0 and abs({{ usd }}) < 0.1 then format('${:.4f}', {{ usd }})
        else format('${:,.2f}', {{ usd }}) end
{%- endmacro %}

{#- Day of the reporting calendar in which a moment lies. -#}
{% macro day_words(moment) -%}
    strftime({{ reporting_date(moment) }}, '%-d %B %Y')
{%- endmacro %}

{% macro hour_words(moment) -%}
    strftime({{ moment }}, '%-d %B, %H:%M UTC')
{%- endmacro %}

{#- What a call lacks that the unit of a limit counts. -#}
{% macro missing_words(limits) -%}
    case when {{ limits }}.unit = 'usd' then 'price' else 'tokens' end
{%- endmacro %}

{% macro member_words(limits) -%}
    case {{ limits }}.scope
        when 'company' then 'the company'
        when 'api_key' then concat('key ', {{ limits }}.member)
        else concat({{ limits }}.scope, ' ', {{ limits }}.member)
    end
{%- endmacro %}

{% macro period_words(limits) -%}
    case {{ limits }}.period
        when 'day' then concat('on ', {{ day_words(limits ~ ".period_start") }})
        when '5h' then 'in the last five hours'
        else concat('in the ', {{ limits }}.period, ' from ',
            {{ day_words(limits ~ ".period_start") }})
    end
{%- endmacro %}

{#- Why a limit stands where it does, in sentences; `state` is its column. -#}
{% macro reason_words(limits, state) -%}
    concat_ws(' ',
        concat(
            {{ member_words(limits) }},
            case when {{ limits }}.unit = 'usd' then ' has spent ' else ' has used ' end,
            coalesce({{ amount_words(limits, "used_quantity") }}, 'an unknown amount'), ' of its ',
            {{ limits }}.kind, ' limit of ',
            {{ amount_words(limits, "limit_quantity", true) }}, ' ',
            {{ period_words(limits) }}, '.'
        ),
        case {{ state }}
            when 'over' then concat(
                'The limit was reached on ', {{ day_words(limits ~ ".exhausted_at") }}, '.'
            )
            when 'unknown' then concat(
                {{ limits }}.uncounted_calls, ' of ', {{ limits }}.calls, ' calls have no known ',
                {{ missing_words(limits) }}, ', so nobody can say what is left.'
            )
            when 'projected_over' then concat(
                'As usual it will reach the limit on ', {{ day_words(limits ~ ".exhausted_at") }},
                ' and end at ', {{ projected_words(limits) }}, '.'
            )
            when 'warn' then concat(
                'That is above ', format('{:.0f}', {{ limits }}.warn_mark * 100), ' % of the limit',
                case when {{ limits }}.period <> '5h' then concat(
                    '; as usual it will end at ', {{ projected_words(limits) }}
                ) end, '.'
            )
            else case when {{ limits }}.period <> '5h' then concat(
                'As usual it will end at ', {{ projected_words(limits) }}, '.'
            ) end
        end,
        case when {{ state }} <> 'unknown' and {{ limits }}.uncounted_calls > 0 then concat(
            {{ limits }}.uncounted_calls, ' calls have no known ', {{ missing_words(limits) }},
            ' and are not in it.'
        ) end,
        case when {{ limits }}.period = '5h' and {{ limits }}.exhausted_at_burn is not null
            and {{ limits }}.rule is null then concat(
                'At the pace of the newest two hours it is used up by ',
                {{ hour_words(limits ~ ".exhausted_at_burn") }}, '.'
        ) end,
        case when {{ limits }}.rule = 'burn' then concat({{ burn_words(limits) }}, '.') end,
        case when {{ limits }}.period = '5h' then 'Room comes back hour by hour.'
            else concat('It starts from 0 again on ', {{ day_words(limits ~ ".period_end") }}, '.')
        end
    )
{%- endmacro %}

{% macro projected_words(limits) -%}
    {{ amount_words(limits, "projected_quantity") }}, ' (four times in five between ',
    {{ amount_words(limits, "projected_low_quantity") }}, ' and ',
    {{ amount_words(limits, "projected_high_quantity") }}, ')'
{%- endmacro %}

{#- What the breaker saw. -#}
{% macro burn_words(limits) -%}
    'The newest two hours burn ', format('{:.1f}', {{ limits }}.burn_2h_ratio),
    ' times what is usual, the newest six ', format('{:.1f}', {{ limits }}.burn_6h_ratio), ' times',
    case when {{ limits }}.exhausted_at_burn is not null then concat(
        '; at that pace the rest is gone by ', {{ hour_words(limits ~ ".exhausted_at_burn") }}
    ) end
{%- endmacro %}
