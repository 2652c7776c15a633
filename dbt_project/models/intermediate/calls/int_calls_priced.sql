{{ config(materialized="ephemeral") }}

with final as (

    {{ priced_calls(ref("int_calls_attributed")) }}

)

select * from final
