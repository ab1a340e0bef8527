"""A simulated AWS organisation with its people, its traffic and its attacks: demo, rehearsal and evaluation.

Simulated with moto and corrected where moto differs from AWS in ways that the scenarios meet. It is honest about the
rest: of IAM it judges the denies that stanch's own actions write, inactive keys and deleted users, on the requests of
the lab's own callers; whatever these do not stop is allowed. Nothing flows in it, so flow logs say what they are told.
"""

SIMULATED = (
    "simulated organisation (moto, corrected); of IAM it judges only stanch's own denies, on the lab's own callers; "
    "nothing here touches a real account"
)
"""What every face of the lab says of itself."""
