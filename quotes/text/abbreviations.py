"""Words that end in a full stop without ending a sentence, by language: the data ``sentences`` works with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stops:
    """What is known of full stops in one language.

    Words stand without their last stop; one written with a capital here counts only with it ("Sat. 5 May").
    No sentence ends after one of *titles*, nor between one of *numbered* and a number. *abbreviations* may
    end a sentence when a word of *starters* follows, in which no name begins. *speaking* are verbs that carry a
    sentence on after a quotation that ends in a question or exclamation mark. *ordinals*: a number with a stop
    counts ("3. Mai").
    """

    titles: frozenset[str]
    abbreviations: frozenset[str]
    numbered: frozenset[str]
    starters: frozenset[str]
    speaking: frozenset[str]
    ordinals: bool = False

    def are_silent_on(self, word: str) -> bool:
        """Whether nothing is known of *word*: a full stop after it ends the sentence."""
        low = word.lower()
        return (
            low not in self.titles
            and low not in self.abbreviations
            and word not in self.abbreviations
            and low not in self.numbered
        )


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


_EN = Stops(
    titles=_words(
        "mr mrs ms mx messrs mmes dr drs prof profs rev revd fr sr sra hon pres gov govs lt lieut col gen"
        " maj capt cpt cmdr adm sgt sgts pvt pfc cpl insp det supt rep reps sen sens st ste mt dept asst"
        " assoc atty amb vs e.g i.e cf viz approx ca lt.col lt.gen maj.gen"
    ),
    abbreviations=_words(
        "jr inc ltd corp llc plc bros etc et.al al a.m p.m Co Cos Jan Feb Mar Apr Jun Jul Aug Sep Sept"
        " Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun ave blvd rd hwy ft sq u.s u.k u.n e.u"
        " u.s.a d.c u.a.e n.y l.a Ariz Ark Calif Colo Conn Fla Ga Ill Ind Kan Ky La Mass Md Mich Minn Miss"
        " Mo Mont Neb Nev Okla Ore Pa Penn Tenn Tex Vt Va Wash Wis Wyo Ala n.c s.c n.d s.d n.h n.j n.m r.i"
        " w.va b.c a.d ph.d m.d b.a m.a m.p d.d.s r.n esq hr hrs lb lbs oz km kg cm mm ext misc ed eds"
        " trans"
    ),
    numbered=_words("no nos fig figs vol vols p pp ch sec art tel pt"),
    starters=_words(
        "the a an this that these those he she it they we you i his her its their our my your in on at"
        " for from with by as but and or so yet if when while after before since because although though"
        " however there here what who why how where which not no yes now then also still once even both"
        " some many most all each every another to of asked according during under over about until"
        " despite instead meanwhile last next one two"
    ),
    speaking=_words(
        "said says say asked asks ask added adds replied replies answered answers cried cries shouted"
        " shouts wrote writes wondered wonders demanded demands exclaimed exclaims tweeted tweets posted"
        " continued continues yelled yells screamed called calls whispered joked jokes told tells recalled"
        " recalls quipped declared declares read reads inquired mused began insisted insists laughed"
        " chanted sang"
    ),
)

_DE = Stops(
    titles=_words(
        "dr prof hr hrn fr frl st dipl ing med jur phil rer nat h.c dipl.-ing mag kard erzb bgm gen"
        " oberst lt hptm sr jr bzw ca vgl z.b z.t d.h u.a o.ä u.ä s.o s.u i.d.r hrsg evtl ggf sog insb"
        " inkl exkl geb gest verh dt engl frz röm kath ev bes v.a i.v i.a a.d a.m i.b"
    ),
    abbreviations=_words(
        "usw etc u.s.w Jan Feb Mrz Apr Jun Jul Aug Sep Sept Okt Nov Dez mio mrd tsd std sek e.v co n.chr"
        " v.chr ff str jh max min"
    ),
    numbered=_words("nr abs art bd tel s f st par kap"),
    starters=_words(
        "der die das ein eine einer eines er sie es wir ich ihr du dies diese dieser dieses jener in im"
        " am an auf aus bei mit nach von vor zu zum zur für gegen über unter und aber oder doch denn dann"
        " wenn als wie was wer wo warum auch nicht so da dort hier nun jetzt dabei damit danach darauf"
        " seit während bereits laut zudem außerdem allerdings"
    ),
    speaking=_words(
        "sagte sagt fragte fragt rief ruft antwortete antwortet meinte meint erklärte erklärt schrieb"
        " schreibt so wollte will erwiderte fügte betonte forderte"
    ),
    ordinals=True,
)

_FR = Stops(
    titles=_words("m mm mme mmes mlle mlles dr pr me mgr st ste gén col lt cdt cap prof cf ex env av apr p.ex c.-à-d"),
    abbreviations=_words("etc janv févr avr juil sept oct nov déc bd boul av.j.-c apr.j.-c s.a s.a.r.l"),
    numbered=_words("no n p pp art vol éd fig tél chap"),
    starters=_words(
        "le la les l un une des du de ce cet cette ces il elle ils elles on nous vous je tu son sa ses"
        " leur leurs notre mais et ou donc or ni car dans en à au aux pour par sur sous avec sans selon"
        " après avant depuis pendant si quand comme qui que quoi où ne pas puis alors aussi ici là"
    ),
    speaking=_words(
        "dit demande répond répondit lance ajoute s'exclame s'écrie interroge demandait disait a-t-il"
        " a-t-elle dit-il dit-elle demande-t-il demande-t-elle"
    ),
)

_ES = Stops(
    titles=_words(
        "sr sra srta sres sras dr dra d dña prof profa lic ing arq gral cnel tte sto sta fr mons pbro ud"
        " uds vd vds cf p.ej av avda dpto aprox"
    ),
    abbreviations=_words("etc ee.uu s.a s.l a.m p.m cía ltda ene feb abr jun jul ago sept oct nov dic a.c d.c c"),
    numbered=_words("núm nº p pp pág págs art cap vol fig tel"),
    starters=_words(
        "el la los las lo un una unos unas este esta estos estas ese esa eso él ella ellos ellas yo tú"
        " nosotros se su sus pero y o e u ni en de del al a por para con sin sobre tras según desde hasta"
        " cuando como si que qué quién no sí ya también entonces así aquí allí mientras aunque"
    ),
    speaking=_words(
        "dijo dice preguntó pregunta respondió responde añadió exclamó gritó contestó afirmó escribió señaló"
    ),
)

STOPS = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES}
"""By language code; a language that is not here is read as English."""
