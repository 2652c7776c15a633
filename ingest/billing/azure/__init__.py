"""Azure cost exports, with the meters of Azure OpenAI and Foundry."""
