"""The terms every network starts with. Goals: the short titles the United Nations use."""

PATHWAYS = {
    "low_emission": {"en": "Low-emission", "fi": "Vähäpäästöinen", "mk": "Ниски емисии"},
    "nature_based": {"en": "Nature-based", "fi": "Luontopohjainen", "mk": "Заснован на природата"},
    "equitable": {"en": "Equitable", "fi": "Tasa-arvoinen", "mk": "Праведен"},
    "resilient": {"en": "Resilient", "fi": "Kestävä ja sopeutuva", "mk": "Отпорен"},
    "circular": {"en": "Circular", "fi": "Kiertotalouteen pohjaava", "mk": "Кружен"},
}
TOPICS = {
    "energy": {"en": "Energy", "fi": "Energia", "mk": "Енергија"},
    "buildings": {"en": "Buildings", "fi": "Rakennukset", "mk": "Згради"},
    "mobility": {"en": "Mobility", "fi": "Liikkuminen", "mk": "Мобилност"},
    "waste_and_circularity": {"en": "Waste and circularity", "fi": "Jätteet ja kierto", "mk": "Отпад и кружност"},
    "water": {"en": "Water", "fi": "Vesi", "mk": "Вода"},
    "nature_and_biodiversity": {
        "en": "Nature and biodiversity",
        "fi": "Luonto ja monimuotoisuus",
        "mk": "Природа и биодиверзитет",
    },
    "food": {"en": "Food", "fi": "Ruoka", "mk": "Храна"},
    "air_and_noise": {"en": "Air and noise", "fi": "Ilma ja melu", "mk": "Воздух и бучава"},
    "climate_adaptation": {
        "en": "Climate adaptation",
        "fi": "Ilmastonmuutokseen sopeutuminen",
        "mk": "Приспособување кон климата",
    },
    "social_inclusion": {"en": "Social inclusion", "fi": "Osallisuus", "mk": "Социјална вклученост"},
    "governance_and_participation": {
        "en": "Governance and participation",
        "fi": "Hallinto ja osallistuminen",
        "mk": "Управување и учество",
    },
    "economy_and_procurement": {
        "en": "Economy and procurement",
        "fi": "Talous ja hankinnat",
        "mk": "Економија и набавки",
    },
}
GOALS = {
    "1": {"en": "No poverty", "fi": "Ei köyhyyttä", "mk": "Свет без сиромаштија"},
    "2": {"en": "Zero hunger", "fi": "Ei nälkää", "mk": "Свет без глад"},
    "3": {"en": "Good health and well-being", "fi": "Terveyttä ja hyvinvointia", "mk": "Добро здравје и благосостојба"},
    "4": {"en": "Quality education", "fi": "Hyvä koulutus", "mk": "Квалитетно образование"},
    "5": {"en": "Gender equality", "fi": "Sukupuolten tasa-arvo", "mk": "Родова еднаквост"},
    "6": {"en": "Clean water and sanitation", "fi": "Puhdas vesi ja sanitaatio", "mk": "Чиста вода и санитација"},
    "7": {
        "en": "Affordable and clean energy",
        "fi": "Edullista ja puhdasta energiaa",
        "mk": "Достапна и чиста енергија",
    },
    "8": {
        "en": "Decent work and economic growth",
        "fi": "Ihmisarvoista työtä ja talouskasvua",
        "mk": "Достоинствена работа и економски раст",
    },
    "9": {
        "en": "Industry, innovation and infrastructure",
        "fi": "Kestävää teollisuutta, innovaatioita ja infrastruktuureja",
        "mk": "Индустрија, иновации и инфраструктура",
    },
    "10": {"en": "Reduced inequalities", "fi": "Eriarvoisuuden vähentäminen", "mk": "Намалување на нееднаквостите"},
    "11": {
        "en": "Sustainable cities and communities",
        "fi": "Kestävät kaupungit ja yhteisöt",
        "mk": "Одржливи градови и заедници",
    },
    "12": {
        "en": "Responsible consumption and production",
        "fi": "Vastuullista kuluttamista",
        "mk": "Одговорна потрошувачка и производство",
    },
    "13": {"en": "Climate action", "fi": "Ilmastotekoja", "mk": "Климатска акција"},
    "14": {"en": "Life below water", "fi": "Vedenalainen elämä", "mk": "Живот под вода"},
    "15": {"en": "Life on land", "fi": "Maanpäällinen elämä", "mk": "Живот на копно"},
    "16": {
        "en": "Peace, justice and strong institutions",
        "fi": "Rauha, oikeudenmukaisuus ja hyvä hallinto",
        "mk": "Мир, правда и силни институции",
    },
    "17": {"en": "Partnerships for the goals", "fi": "Yhteistyö ja kumppanuus", "mk": "Партнерство за целите"},
}
