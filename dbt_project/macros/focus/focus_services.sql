{#- ServiceCategory -> its subcategories as FOCUS 1.2 lists them; each has an `Other (...)` too. -#}
{% macro focus_services() -%}
    {{ return({
        "AI and Machine Learning": ["AI Platforms", "Bots", "Generative AI", "Machine Learning",
            "Natural Language Processing"],
        "Analytics": ["Analytics Platforms", "Business Intelligence", "Data Processing", "Search",
            "Streaming Analytics"],
        "Business Applications": ["Productivity and Collaboration"],
        "Compute": ["Containers", "End User Computing", "Quantum Compute", "Serverless Compute",
            "Virtual Machines"],
        "Databases": ["Caching", "Data Warehouses", "Ledger Databases", "NoSQL Databases",
            "Relational Databases", "Time Series Databases"],
        "Developer Tools": ["Developer Platforms", "Continuous Integration and Deployment",
            "Development Environments", "Source Code Management", "Quality Assurance"],
        "Identity": ["Identity and Access Management"],
        "Integration": ["API Management", "Messaging", "Workflow Orchestration"],
        "Internet of Things": ["IoT Analytics", "IoT Platforms"],
        "Management and Governance": ["Architecture", "Compliance", "Cost Management",
            "Data Governance", "Disaster Recovery", "Endpoint Management", "Observability",
            "Support"],
        "Media": ["Content Creation", "Gaming", "Media Streaming", "Mixed Reality"],
        "Migration": ["Data Migration", "Resource Migration"],
        "Mobile": [],
        "Multicloud": ["Multicloud Integration"],
        "Networking": ["Application Networking", "Content Delivery", "Network Connectivity",
            "Network Infrastructure", "Network Routing", "Network Security"],
        "Other": [],
        "Security": ["Secret Management", "Security Posture Management",
            "Threat Detection and Response"],
        "Storage": ["Backup Storage", "Block Storage", "File Storage", "Object Storage",
            "Storage Platforms"],
        "Web": ["Application Platforms"],
    }) }}
{%- endmacro %}

{#- The stated category if FOCUS knows it; a model service is AI, what else there is is `Other`. -#}
{% macro focus_service_category() -%}
    case
        when service_category in ('{{ focus_services().keys() | join("', '") }}')
            then service_category
        when service_category is null and {{ focus_is_model_service() }}
            then 'AI and Machine Learning'
        else 'Other'
    end
{%- endmacro %}

{#- The stated subcategory if it is one of its category's. -#}
{% macro focus_service_subcategory(category) -%}
    case
        {% for name, subcategories in focus_services().items() if subcategories -%}
        when {{ category }} = '{{ name }}'
            and service_subcategory in ('{{ subcategories | join("', '") }}')
            then service_subcategory
        {% endfor -%}
        when {{ category }} = 'AI and Machine Learning' and service_subcategory is null
            and {{ focus_is_model_service() }} then 'Generative AI'
        else 'Other (' || {{ category }} || ')'
    end
{%- endmacro %}

{#- By the provider and not by the line: one service has one category. -#}
{% macro focus_is_model_service() -%}
    provider in (
        'openai', 'anthropic', 'openrouter', 'aws.bedrock', 'azure.ai.openai', 'gcp.vertex_ai',
        'gcp.gemini', 'mistral_ai', 'x_ai', 'ibm.watsonx.ai'
    )
{%- endmacro %}
