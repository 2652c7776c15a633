{{ config(materialized="view") }}

{{ unit_cost_on_every_basis() }}
