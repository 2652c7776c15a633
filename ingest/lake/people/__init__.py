"""People in the lake by pseudonym: another salt, one person forgotten, users of old rows gone."""
