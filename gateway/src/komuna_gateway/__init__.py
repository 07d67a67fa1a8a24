"""The only public door of Komuna."""
