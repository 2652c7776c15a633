"""Bills that are pages of an API's reports, read record by record."""
