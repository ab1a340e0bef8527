"""A simulated AWS organisation with its people, its traffic and its attacks: demo, rehearsal and evaluation.

Simulated with moto and corrected where moto differs from AWS in ways that the scenarios meet. It is honest about the
rest: IAM conditions, trust policies, inactive keys and connection tracking are not judged, so a containment is proved
here by what was written and read back, not by the attacker's next call failing.
"""

SIMULATED = (
    "simulated organisation (moto, corrected); IAM conditions are not judged, nothing here touches a real account"
)
"""What every face of the lab says of itself."""
