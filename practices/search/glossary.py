"""What municipalities work on, finer than the twelve topics: named in results, in the languages of the interface.

A general list of the field, not of what is published here: about ten concepts a topic.
"""

_LINES = """
energy: energy efficiency | energiatehokkuus | енергетска ефикасност
energy: district heating | kaukolämpö | централно греење
energy: district cooling | kaukojäähdytys | централно ладење
energy: waste heat | hukkalämpö | отпадна топлина
energy: heat storage | lämmön varastointi | складирање топлина
energy: heat pumps | lämpöpumput | топлински пумпи
energy: solar power | aurinkosähkö | сончева енергија
energy: wind power | tuulivoima | ветерна енергија
energy: geothermal energy | geoterminen energia | геотермална енергија
energy: bioenergy and biogas | bioenergia ja biokaasu | биоенергија и биогас
energy: energy communities | energiayhteisöt | енергетски заедници
energy: energy poverty | energiaköyhyys | енергетска сиромаштија
energy: street lighting | katuvalaistus | улично осветлување
energy: electricity storage | sähkön varastointi | складирање електрична енергија
buildings: renovation of housing | asuntojen korjaaminen | реконструкција на станови
buildings: facades and insulation | julkisivut ja eristäminen | фасади и изолација
buildings: low-energy building | vähän energiaa kuluttava rakentaminen | нискоенергетска градба
buildings: timber construction | puurakentaminen | градба со дрво
buildings: green roofs | viherkatot | зелени кровови
buildings: construction sites | rakennustyömaat | градилишта
buildings: social housing | sosiaalinen asuntotuotanto | социјално домување
buildings: schools and kindergartens | koulut ja päiväkodit | училишта и градинки
buildings: municipal buildings | kunnan rakennukset | општински згради
mobility: public transport | joukkoliikenne | јавен превоз
mobility: free public transport | maksuton joukkoliikenne | бесплатен јавен превоз
mobility: electric buses | sähköbussit | електрични автобуси
mobility: cycling | pyöräily | велосипедизам
mobility: walking | kävely | пешачење
mobility: car-free centres | autottomat keskustat | центри без автомобили
mobility: shared vehicles | yhteiskäyttöajoneuvot | заеднички возила
mobility: charging of electric vehicles | sähköautojen lataus | полнење електрични возила
mobility: parking | pysäköinti | паркирање
mobility: mobility habits | liikkumistottumukset | навики на движење
mobility: freight and deliveries | tavarakuljetukset | достава на стоки
waste_and_circularity: sorting of waste | jätteiden lajittelu | сортирање отпад
waste_and_circularity: zero waste | nollajäte | нула отпад
waste_and_circularity: composting | kompostointi | компостирање
waste_and_circularity: food waste | ruokahävikki | отпад од храна
waste_and_circularity: repair | korjaaminen | поправање
waste_and_circularity: reuse and sharing | uudelleenkäyttö ja lainaaminen | повторна употреба и позајмување
waste_and_circularity: waste fees | jätemaksut | такси за отпад
waste_and_circularity: plastics | muovit | пластика
waste_and_circularity: recycling of building materials | rakennusmateriaalien kierrätys | рециклирање градежни материјали
waste_and_circularity: landfills | kaatopaikat | депонии
water: stormwater | hulevedet | атмосферски води
water: drinking water | juomavesi | вода за пиење
water: saving water | veden säästäminen | штедење вода
water: waste water treatment | jätevesien puhdistus | пречистување отпадни води
water: rainwater harvesting | sadeveden keruu | собирање дождовница
water: reuse of water | veden uudelleenkäyttö | повторна употреба на вода
water: rivers and lakes | joet ja järvet | реки и езера
water: sewers | viemärit | канализација
nature_and_biodiversity: urban trees and forests | kaupunkipuut ja -metsät | градски дрвја и шуми
nature_and_biodiversity: parks and green spaces | puistot ja viheralueet | паркови и зелени површини
nature_and_biodiversity: wetlands | kosteikot | мочуришта
nature_and_biodiversity: pollinators and meadows | pölyttäjät ja niityt | опрашувачи и ливади
nature_and_biodiversity: restoring nature | luonnon ennallistaminen | обновување на природата
nature_and_biodiversity: coasts and mangroves | rannikot ja mangrovemetsät | крајбрежја и мангрови
nature_and_biodiversity: invasive species | vieraslajit | инвазивни видови
nature_and_biodiversity: green space in planning rules | viherpinta-alan vaatimus | услови за зеленило во плановите
food: school meals | kouluruokailu | училишни оброци
food: organic and local food | luomu- ja lähiruoka | органска и локална храна
food: urban farming | kaupunkiviljely | градско земјоделство
food: food banks | ruoka-apu | банки на храна
food: markets | torit ja kauppahallit | пазари
food: healthy diets | terveellinen ruokavalio | здрава исхрана
air_and_noise: air quality | ilmanlaatu | квалитет на воздухот
air_and_noise: heating with coal and wood | hiilellä ja puulla lämmittäminen | греење на јаглен и дрва
air_and_noise: low emission zones | vähäpäästöiset alueet | зони со ниски емисии
air_and_noise: clean cooking | puhtaat liedet | чисто готвење
air_and_noise: noise | melu | бучава
air_and_noise: dust | pöly | прашина
climate_adaptation: heat waves | helleaallot | топлотни бранови
climate_adaptation: early warning | varhaisvaroitus | рано предупредување
climate_adaptation: cooling of streets and squares | katujen ja aukioiden viilentäminen | ладење на улици и плоштади
climate_adaptation: places to cool down | viilennystilat | места за разладување
climate_adaptation: floods | tulvat | поплави
climate_adaptation: drought | kuivuus | суша
climate_adaptation: coastal protection | rannikon suojelu | заштита на крајбрежје
climate_adaptation: depaving | päällysteiden purkaminen | отстранување асфалт
climate_adaptation: permeable surfaces | läpäisevät pinnat | пропустливи површини
climate_adaptation: fires | maastopalot | пожари
climate_adaptation: vulnerable neighbourhoods | haavoittuvat asuinalueet | ранливи населби
climate_adaptation: power cuts | sähkökatkot | прекини на струја
social_inclusion: older people | ikäihmiset | постари лица
social_inclusion: children and young people | lapset ja nuoret | деца и млади
social_inclusion: gender equality | sukupuolten tasa-arvo | родова еднаквост
social_inclusion: care work | hoivatyö | негувателска работа
social_inclusion: poverty | köyhyys | сиромаштија
social_inclusion: migrants and refugees | maahanmuuttajat ja pakolaiset | мигранти и бегалци
social_inclusion: informal settlements | epäviralliset asuinalueet | неформални населби
social_inclusion: health services | terveyspalvelut | здравствени услуги
social_inclusion: accessibility | esteettömyys | пристапност
social_inclusion: jobs and training | työ ja koulutus | работа и обука
social_inclusion: neighbourhood centres | lähiökeskukset | соседски центри
governance_and_participation: citizen participation | asukkaiden osallistuminen | учество на граѓаните
governance_and_participation: participatory budgeting | osallistuva budjetointi | партиципативно буџетирање
governance_and_participation: climate budgets | ilmastobudjetit | климатски буџети
governance_and_participation: climate plans | ilmasto-ohjelmat | климатски планови
governance_and_participation: land use planning | kaavoitus | урбанистичко планирање
governance_and_participation: building permits | rakennusluvat | градежни дозволи
governance_and_participation: open data | avoin data | отворени податоци
governance_and_participation: volunteers | vapaaehtoiset | волонтери
governance_and_participation: working with other municipalities | kuntien yhteistyö | соработка меѓу општини
economy_and_procurement: public procurement | julkiset hankinnat | јавни набавки
economy_and_procurement: joint purchasing | yhteishankinnat | заеднички набавки
economy_and_procurement: grants and subsidies | avustukset | субвенции
economy_and_procurement: financing and loans | rahoitus ja lainat | финансирање и заеми
economy_and_procurement: emissions trading | päästökauppa | тргување со емисии
economy_and_procurement: tourism | matkailu | туризам
economy_and_procurement: local businesses | paikalliset yritykset | локални претпријатија
economy_and_procurement: cooperatives | osuuskunnat | задруги
economy_and_procurement: digital services | digitaaliset palvelut | дигитални услуги
"""


def _read() -> dict[str, dict[str, str]]:
    found = {}
    for line in _LINES.strip().splitlines():
        topic, _, names = line.partition(": ")
        en, fi, mk = names.split(" | ")
        found[f"{topic}/{en}"] = {"en": en, "fi": fi, "mk": mk}
    return found


# By code (the topic and the English name), the names by language.
CONCEPTS = _read()
