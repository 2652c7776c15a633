"""Google Cloud billing exports, with Gemini's SKUs."""
