"""Words that things and people are called by; none of them tells who is an attacker."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "anna lea nora ida maya elin sofia carla ines hana jonas tomas erik felix luca david omar pavel rafael kenji "
    "amira greta hugo ivan jana karim lotte marek nadia oscar petra quinn rosa sami tessa ulla vera wim yara zoe"
)
LAST = _words(
    "berg wiik moreau falk lind nyman costa silva novak kowal haddad ito sato meyer weber keller rossi greco "
    "jansen devos dubois garcia lopez eriksen dahl holm strand varga petrov ivanova khan ali chen wu park"
)
WORKLOADS = _words(
    "orders ledger catalog search checkout shipping invoices profile sessions pricing inventory media reports "
    "notifications returns loyalty routing quotes claims billing events ingest recommend translate archive"
)
TIERS = ("api", "worker", "web", "batch")
LINES = _words("retail logistics payments mobile insights partners content platform fleet grocery travel health")
DATA = ("archive", "exports", "assets", "uploads", "backups", "reports", "artifacts", "raw")
VENDORS = ("a cloud cost service", "a posture monitor", "an observability service", "a backup service")
JOBS = ("backup", "export", "metrics", "mailer", "sync", "etl")
TEAMS = ("platform", "data", "payments", "web", "security", "mobile")
COMPANY = "northlight"
