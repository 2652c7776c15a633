"""AWS Cost and Usage Reports, with Bedrock's usage types."""
