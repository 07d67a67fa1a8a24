"""The words of the operator's command."""
