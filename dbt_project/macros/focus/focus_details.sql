{#-
    The token keys of the FOCUS 1.5 draft, with the `x_` that version 1.2 asks of keys it does not
    define: model, direction, and what the provider's cache did. Without a model, nothing.
-#}
{% macro focus_token_details() -%}
    case when x_model is not null then json_object(
        'x_ModelId', x_model,
        'x_TokenDirection',
        case when x_token_class like '%output%' then 'Output'
            when x_token_class is not null then 'Input' end,
        'x_TokenCacheAction',
        case when x_token_class = 'cache_read' then 'Read'
            when x_token_class like 'cache_write%' then 'Write'
            when x_token_class like 'input%' then 'Uncached' end
    ) end
{%- endmacro %}

{#-
    A JSON object as FOCUS wants it: no object or list as a value (they become text), and text that
    is no object under a key of its own. Keys that are not FOCUS' own get `x_`, unless `own_keys`
    is none: tags are the user's.
-#}
{% macro focus_key_values(object, own_keys=none) -%}
    {%- set key -%}
        {%- if own_keys is none -%} e.key {%- else -%}
            case
                when e.key in ('{{ own_keys | join("', '") }}') or starts_with(e.key, 'x_')
                    then e.key
                else 'x_' || e.key
            end
        {%- endif -%}
    {%- endset -%}
    case
        when {{ object }} is null then null
        when not json_valid({{ object }}) or json_type({{ object }}) <> 'OBJECT'
            then json_object('x_Unparsed', {{ object }})
        else to_json(map_from_entries(list_transform(
            list_filter(
                map_entries(cast(cast({{ object }} as json) as map(varchar, json))),
                lambda e: {{ key }} = e.key
                    or not list_contains(json_keys({{ object }}), 'x_' || e.key)
            ),
            lambda e: struct_pack(
                k := {{ key }},
                v := case when json_type(e.value) in ('OBJECT', 'ARRAY')
                    then to_json(cast(e.value as varchar)) else e.value end
            )
        )))
    end
{%- endmacro %}

{#- Properties of a SKU price that FOCUS 1.2 defines itself. -#}
{% macro focus_sku_properties() -%}
    {{ return([
        "CoreCount", "DiskMaxIops", "DiskSpace", "DiskType", "GpuCount", "InstanceSeries",
        "InstanceType", "MemorySize", "NetworkMaxIops", "NetworkMaxThroughput", "OperatingSystem",
        "Redundancy", "StorageClass",
    ]) }}
{%- endmacro %}

{#- Model keys and what the bill states; both only of a priced SKU. -#}
{% macro focus_sku_price_details() -%}
    cast(
        case
            when x_model is null then
                {{ focus_key_values("sku_price_details", focus_sku_properties()) }}
            when sku_price_details is null then {{ focus_token_details() }}
            else json_merge_patch(
                {{ focus_token_details() }},
                {{ focus_key_values("sku_price_details", focus_sku_properties()) }}
            )
        end as varchar
    )
{%- endmacro %}
