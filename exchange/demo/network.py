"""The demo network beside its publications: offices, further members, people. The people are invented."""

from dataclasses import dataclass

PASSWORD = "we-work-together"  # noqa: S105 - printed by `make demo`, for accounts that exist on this machine alone


@dataclass(frozen=True)
class OfficeFacts:
    """An office: `parent` is the slug of the office above it; `territory` ISO 3166-1 alpha-2 codes."""

    slug: str
    kind: str
    name: str
    city: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    parent: str = ""
    territory: tuple[str, ...] = ()


@dataclass(frozen=True)
class MemberFacts:
    """A member of the network that has no entry among the demo's publications."""

    slug: str
    kind: str
    name: str
    name_en: str
    country: str
    latitude: float
    longitude: float
    population: int | None = None
    population_year: int | None = None


@dataclass(frozen=True)
class PersonFacts:
    """An invented person. `place` is a member's English name, an office's slug, or empty for an administrator."""

    email: str
    name: str
    job_title: str
    place: str
    role: str
    language: str = "en"
    reads: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"


EUROPE = (
    "AL", "AT", "BA", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FR", "GB", "GR", "HR", "HU", "IE", "IS",
    "IT", "LT", "LU", "LV", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "TR", "UA",
)  # fmt: skip
OFFICES = (
    OfficeFacts("world", "world", "World Secretariat", "Bonn", "DE", 50.73, 7.10, "Europe/Berlin"),
    OfficeFacts(
        "europe", "regional", "European Office", "Freiburg", "DE", 48.00, 7.85, "Europe/Berlin", "world", EUROPE
    ),
    OfficeFacts(
        "finland", "national", "Finnish Office", "Helsinki", "FI", 60.17, 24.94, "Europe/Helsinki", "europe", ("FI",)
    ),
)
ASSOCIATION = "Association of Finnish Local and Regional Authorities"
# The Finnish members that the Finnish text names and that have no publication, and their association, a member itself.
MEMBERS = (
    MemberFacts("kuopio", "city", "Kuopion kaupunki", "Kuopio", "FI", 62.89, 27.68, 124_000, 2023),
    MemberFacts("lappeenranta", "city", "Lappeenrannan kaupunki", "Lappeenranta", "FI", 61.06, 28.19, 73_000, 2023),
    MemberFacts("oulu", "city", "Oulun kaupunki", "Oulu", "FI", 65.01, 25.47, 214_000, 2023),
    MemberFacts("turku", "city", "Turun kaupunki", "Turku", "FI", 60.45, 22.27, 202_000, 2023),
    MemberFacts(
        "kuntaliitto",
        "association",
        "Kuntaliitto",
        ASSOCIATION,
        "FI",
        60.19,
        24.92,
    ),
)
_FI = {"language": "fi", "reads": ("fi", "sv", "en"), "time_zone": "Europe/Helsinki"}
_MK = {"language": "mk", "reads": ("mk", "en"), "time_zone": "Europe/Skopje"}
# The first ones are printed by `make demo`.
PEOPLE = (
    PersonFacts("aino@joensuu.example", "Aino Karhu", "Climate coordinator", "Joensuu", "liaison", **_FI),  # type: ignore[arg-type]
    PersonFacts("elena@bitola.example", "Елена Ристовска", "Советник за енергетика", "Bitola", "contributor", **_MK),  # type: ignore[arg-type]
    PersonFacts("kaisa@network.example", "Kaisa Lehto", "Coordinator", "finland", "coordinator", **_FI),  # type: ignore[arg-type]
    PersonFacts(
        "jonas@network.example", "Jonas Berger", "Coordinator", "europe", "coordinator",
        reads=("de", "en", "fr", "es"), time_zone="Europe/Berlin",
    ),
    PersonFacts("ada@network.example", "Ada Okafor", "Administrator", "", "administrator", reads=("en", "fr")),
    PersonFacts(
        "marta@network.example", "Marta Lindqvist", "Coordinator", "world", "coordinator",
        reads=("en", "es", "pt"), time_zone="Europe/Berlin",
    ),
    PersonFacts(
        "ines@network.example", "Inês Duarte", "Expert on water and heat", "europe", "expert",
        reads=("pt", "es", "en"), time_zone="Europe/Lisbon",
    ),
    PersonFacts("mikko@lahti.example", "Mikko Saarinen", "Traffic planner", "Lahti", "liaison", **_FI),  # type: ignore[arg-type]
    PersonFacts("sari@lahti.example", "Sari Nieminen", "Communications officer", "Lahti", "reader", **_FI),  # type: ignore[arg-type]
    PersonFacts("petra@kuntaliitto.example", "Petra Holm", "Senior adviser", ASSOCIATION, "liaison", **_FI),  # type: ignore[arg-type]
    PersonFacts("goran@strumica.example", "Горан Митев", "Раководител за комунални дејности", "Strumica", "liaison", **_MK),  # type: ignore[arg-type]
    PersonFacts(
        "lucia@pontevedra.example", "Lucía Castro", "Urban planner", "Pontevedra", "liaison",
        reads=("es", "pt", "en"), time_zone="Europe/Madrid",
    ),
    PersonFacts(
        "lena@heidelberg.example", "Lena Vogt", "Head of building standards", "Heidelberg", "liaison",
        reads=("de", "en", "fr"), time_zone="Europe/Berlin",
    ),
    PersonFacts(
        "haruka@kamikatsu.example", "Haruka Mori", "Zero waste officer", "Kamikatsu", "contributor",
        reads=("ja", "en"), time_zone="Asia/Tokyo",
    ),
    PersonFacts(
        "tom@melbourne.example", "Tom Walker", "Sustainability lead", "Melbourne", "liaison",
        time_zone="Australia/Melbourne",
    ),
)  # fmt: skip
