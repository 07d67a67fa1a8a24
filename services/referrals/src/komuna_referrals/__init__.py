"""The referral mechanism for victims of trafficking."""
