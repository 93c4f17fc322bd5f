"""The one exception that means "the server did not do what its contract says"."""


class Failed(AssertionError):
    pass
