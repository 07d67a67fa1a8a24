"""The data Komuna begins with, taken in through the same public import as anyone's."""
