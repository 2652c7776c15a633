"""Operations apart from a run: pull, salt rotation, FOCUS export."""
