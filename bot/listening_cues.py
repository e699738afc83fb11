"""The cues of listening: patterns a person can read and correct. English first, Spanish beside it.

They are matched against lower-case text with straight apostrophes (bot.listening.excerpt).
bench/fit_listening.py gives each its weight; after a change here, fit again.
"""

import re
from collections.abc import Mapping


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# What asking and needing look like, and what only looks like it. English first, Spanish beside it.
NEED_CUES: Mapping[str, re.Pattern[str]] = {
    "mark": _cue(r"\?"),
    "mark_at_end": _cue(r"\?[\s\W]*$"),
    "mark_inside": _cue(r"\?+\s+\w+"),
    "mark_spanish": _cue(r"¿"),
    "opens_asking": _cue(
        r"^\W*(?:(?:so|ok|okay|hi|hey|hello|and|but|question|dumb question|quick question|pregunta)\W+)*"
        r"(?:how|what|whats|when|where|which|who|whose|why|is|are|am|was|do|does|did|can|could|should"
        r"|would|will|has"
        r"|have|any|anyone|anybody|anyones|cómo|como|qué|cuándo|cuando|dónde|donde|cuál|cuanto|cuánto"
        r"|quién|alguien"
        r"|alguna|algún)\b"
    ),
    "asks_inside": _cue(
        r"[,.;:!)]\s+(?:so |and |but )?(?:how|what|when|where|which|who|why|is|are|do|does|did|can|could"
        r"|should|would|any"
        r"|cómo|qué|cuándo|dónde|alguien)\b"
    ),
    "how_to": _cue(
        r"\b(?:how (?:do|did|to|can|should|would|long|much|many|often|far|else)|cómo|como hago"
        r"|como le)\b"
    ),
    "anyone": _cue(
        r"\b(?:any ?one|any ?body|some ?one|some ?body|any (?:other )?(?:moms?|dads?|parents|famil)|alguien"
        r"|alguna mam[aá]|otr[ao]s? (?:mam|famil))"
    ),
    "anyone_else": _cue(r"\b(?:any|every|some|who)(?: ?one| ?body)?(?:'s|s)? else\b"),
    "tips": _cue(
        r"\b(?:tips?|advice|ideas?|suggestions?|recommend\w*|pointers|thoughts|tricks?|opinions?"
        r"|experiences?|consejos?"
        r"|recomiend\w+|recomendaci\w+|sugerencias?)\b"
    ),
    "need": _cue(
        r"\b(?:i|we)(?:'d| would|'m| am|'re| are)? (?:really |just |still |desperately )?(?:need|could use)\b"
        r"|^need\b|\b(?:necesito|necesitamos|nos urge|me urge)\b"
    ),
    "looking": _cue(
        r"\b(?:looking|searching|hunting|hoping|trying|wanted|wish(?:ing)?) (?:for|to|there)\b|\b(?:busco"
        r"|buscamos)\b"
        r"|\bwould (?:love|like|appreciate)|\b(?:i|we)'d (?:love|like|be)\b"
    ),
    "wondering": _cue(
        r"\b(?:wonder(?:ing)?|curious|figure out|not sure|unsure|confused|no (?:idea|clue)|can'?t (?:tell"
        r"|decide"
        r"|figure|find)|(?:don'?t|dont|didn'?t) (?:know|understand|get)|no s[eé]|no entiendo|no encuentro)\b"
    ),
    "please": _cue(
        r"\b(?:please|pls|plz|help|ayuda|ay[uú]den\w*|por favor|could (?:you|somebody|someone)|can (?:you"
        r"|somebody"
        r"|someone)|tell me|point me|share)\b"
    ),
    "should": _cue(
        r"\b(?:should (?:i|we|he|she)|what (?:do|did|would) (?:i|we|you)|what now|debo|deber[ií]a"
        r"|qu[eé] hago)\b"
    ),
    "distress": _cue(
        r"\b(?:scared|terrified|worried|desperate|exhausted|overwhelmed|struggling|stuck|lost|alone"
        r"|at a loss|out of"
        r"|coping|freaking|panick\w+|crying|dread\w*|hard time|wits?'? end|miedo|desesperad\w|preocupad\w"
        r"|agotad\w)\b"
    ),
    "refusal": _cue(
        r"\b(?:won'?t|refus\w+|can'?t get|cannot get|keeps?|denied|nobody|no one|still no|doesn'?t want"
        r"|no quiere)\b"
    ),
    "new_here": _cue(r"\b(?:new here|newly|just (?:been )?diagnosed|first time|somos nuevos|reci[eé]n)\b"),
    "child": _cue(
        r"\b(?:my|our) (?:\w+ )?(?:son|daughter|kid|kiddo|child|boy|girl|teen\w*|\d+ ?(?:yo|year)\w*|dd|ds)\b"
        r"|\bmi (?:hij[oa]|ni[nñ][oa])\b"
    ),
    "thanks": _cue(r"\b(?:thanks?|thank you|thx|ty|grateful|appreciate|gracias)\b"),
    "laughs": _cue(r"\b(?:(?:a?ha){2,}h?|lol|lmao|rofl|jaja\w*|hehe|omg)\b|[😂🤣😅😆😜]"),
    "hearts": _cue(
        r"[❤️💜💙💚🧡💛💕🥰😍🎉🥳👏🙌👍🙏🤗🫂☀🌈]|<3|\b(?:hugs?|congrat\w*|yay|woo ?hoo|hooray|abrazos?|felicid\w+)\b"
    ),
    "news": _cue(
        r"\b(?:fyi|psa|reminder|update|heads up|good news|guess (?:who|what)|announcement|just wanted to"
        r"|sharing"
        r"|recordatorio|aviso)\b"
    ),
    "cheer": _cue(
        r"\b(?:good luck|so (?:happy|glad|proud)|great (?:job|news)|well done|proud of|way to go|welcome"
        r"|happy for"
        r"|you(?:'ve| have)? got this|thinking of|praying|prayers|sending|same here|us too|me too|suerte"
        r"|qu[eé] bueno)\b"
    ),
    "rhetoric": _cue(
        r"\b(?:am i right|amirite|who knew|who (?:needs|doesn'?t|wouldn'?t|am i)|who would have"
        r"|isn'?t (?:it|he|she|that)"
        r"|aren'?t (?:they|we)|can you believe|remember when|how (?:cute|great|cool|sweet|funny|adorable"
        r"|about (?:that|those)|"
        r"are you|is every)|what would i do|is there anything better|do(?:n't)? you (?:ever|just)|right"
        r"|why did the"
        r"|what do you call|knock knock|qui[eé]n no|is it (?:friday|bedtime|monday)|could this)\b[^.?!]*[?!]"
    ),
    "social": _cue(
        r"\b(?:poll|vote|react|meet ?up|picnic|pizza|tacos|karaoke|movie|game|weather|sunset|raffle"
        r"|t-?shirts?|bake"
        r"|potluck|coffee|cupcakes?|meme|partido)\b"
    ),
    "told": _cue(r"^\W*(?:we|he|she|they|it|ours|mine|that|this|yes|yeah|yep|no|nope|nah|s[ií])\b"),
    "past": _cue(
        r"\b(?:we|he|she|i|they) (?:did|had|got|went|used|tried|made|asked|called|told|found|ended"
        r"|switched|just"
        r"|finally|were|was)\b"
    ),
    "solved": _cue(
        r"\b(?:worked|works|helped|saved|no more|approved|remission|clear|normal|finally|made it|funcion\w+)\b"
    ),
    "joins_quietly": _cue(r"^\W*(?:following|bump|same|this|ditto|me too|us too|igual|sigo)\b"),
    "exclaims": _cue(r"!"),
    "quotes": _cue(r"[\"“”«»]"),
}

# What a reply looks like that gives the asker something, and what only keeps them company.
ANSWER_CUES: Mapping[str, re.Pattern[str]] = {
    "mark": _cue(r"\?"),
    "only_asks": _cue(r"^[^.!?]*\?[\s\W]*$"),
    "opens_asking": _cue(
        r"^\W*(?:how|what|when|where|which|who|why|is|are|was|do|does|did|has|have|de qu[eé]|cu[aá]ndo)\b"
    ),
    "offers_question": _cue(
        r"^\W*(?:have you tried|could you|can you ask|why not|what about|how about|did you try|maybe)\b"
    ),
    "digits": _cue(r"\d"),
    "counts": _cue(
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|first|second|twice|once|every|weeks?|days?"
        r"|months?|hours?|minutes?|seconds?|semanas?|meses|d[ií]as)\b"
    ),
    "advises": _cue(
        r"(?:^|[.;:,!]\s*|\b(?:and|then|just|or|to) )(?:ask|call|try|use|get|put|take|bring|keep|give"
        r"|send|tell|write|request|"
        r"register|pack|wear|go|start|look|check|apply|file|freeze|mix|message|email|pide|llama|prueba"
        r"|pon|usa|manda)\b"
    ),
    "yes_no": _cue(
        r"^\W*(?:yes|yep|yeah|yup|no|nope|none|never|absolutely|definitely|not really|s[ií]|claro"
        r"|could be|depends)\b"
    ),
    "own_story": _cue(
        r"\b(?:ours|mine|we|our|us|nosotros|nuestr[ao]|my (?:son|daughter|kid|boy|girl"
        r"|sister))\b"
    ),
    "what_worked": _cue(
        r"\b(?:worked|works|helped|helps|saved|solved|fixed|did the trick|does it|covered|approved|recommend\w*"
        r"|game changer|ended|funcion\w+|sirvi\w+)\b"
    ),
    "source": _cue(
        r"\b(?:our (?:gi|doctor|team|clinic|nurse|pediatric\w*|counselor)|the (?:nurse|clinic|gi|doctor"
        r"|office|plan"
        r"|hospital|school|dietitian|pharmac\w+)|insurance|medicaid|form|letter|list)\b"
    ),
    "link": _cue(r"https?://|www\.|\.(?:org|com|gov)\b"),
    "me_too": _cue(
        r"\b(?:same (?:here|question|boat|thing|dilemma)|us too|me too|mine too|ours too|same\b[.!]"
        r"|(?:mine|ours) (?:as well"
        r"|can'?t either)|either\b|too\b[.!,]|as well\b|igual|tambi[eé]n nosotros|need one too)"
    ),
    "waits": _cue(
        r"\b(?:following|follow|bump|watching this|reading along|popcorn|let me know|tell me too"
        r"|report back|(?:love|like|want)"
        r" to know|curious|wondering|waiting on|when you find out|if you (?:find|get)|keep us posted|sigo"
        r"|me interesa)\b"
    ),
    "comfort": _cue(
        r"\b(?:hugs?|sorry|prayers?|praying|thinking of|thoughts|sending|strength|solidarity|good luck"
        r"|hang in|you(?:'ve)? got"
        r" this|cheering|welcome|hope|wish|bless|poor|abrazos?|suerte|[aá]nimo|qu[eé] coraje|lo siento)\b"
    ),
    "exclaims": _cue(r"\b(?:omg|wow|ugh|ouch|oh|ooh|aw+|yuck|yikes|haha\w*|lol|phew|hmm|wtf|jaja\w*|ay)\b"),
    "unsure": _cue(
        r"\b(?:dunno|no idea|not sure|no experience|don'?t know|never (?:knew|thought|heard|considered)"
        r"|hadn'?t thought"
        r"|heard of it|no clue|ni idea)\b"
    ),
    "praises": _cue(
        r"\b(?:good question|great (?:idea|question)|thanks|thank you|interesting|reminder|lovely|excited"
        r"|gracias)\b"
    ),
    "outrage": _cue(
        r"\b(?:absurd|insane|frustrating|furious|ridiculous|unbelievable|awful|terrible|broken|struggle|real\b"
        r"|no words|lost it|mean\b|hate|worst|heartbreak\w*|nightmare|weird)\b"
    ),
    "bang": _cue(r"!"),
    "dots": _cue(r"\.\.\.|…"),
    "picture": _cue(r"[\U0001F300-\U0001FAFF❤☀✨]"),
    "no_words": _cue(r"^[\W_]*$"),
    "their_child": _cue(r"\b(?:is|was|has|does|did|how'?s) (?:he|she|they|it|your)\b"),
}

THANKS = _cue(
    r"\b(?:thanks|thank (?:you|u|y'?all)|thankyou|thx|thanx|tnx|tysm|ty(?= so|[ ,.!]*$)|cheers|much appreciated"
    r"|appreciate (?:it|this|that|you|y'?all)|(?:so |very |really )grateful|bless you|life ?saver"
    r"|you(?:'re| are|all are| guys are) (?:all )?(?:the best|amazing|awesome|so kind)"
    r"|(?:this|that|it) (?:really |has |is so |was so )*help(?:ed|ful)"
    r"|gracias|grax|se agradece|(?:se |os |les |te )(?:lo )?agradezco|muy agradecid[oa]s?"
    r"|(?:me|nos) (?:ayud(?:ó|aron|aste)|sirvi(?:ó|eron)) mucho)"
    r"|^\W*ta\W*$"
)
NOT_THANKS = _cue(
    r"\b(?:no thanks|thanks for nothing|thank(?:s| you)(?: so much| very much)? (?:in advance|for reading)"
    r"|thank(?:s| you) for (?:any|your|all) (?:help|advice|tips?|ideas?|thoughts|input|suggestions?)"
    r"|(?:would|will|any [\w ]+)(?: be)? (?:really |much |greatly |so )*appreciate(?:d|[ \w]*any)?[ \w]*"
    r"|(?:muchas |desde ya |mil )?gracias (?:de antemano|por adelantado|por leer\w*|por (?:cualquier|sus|vuestras) \w+)"
    r"|desde ya (?:muchas )?gracias|agradecer[ií]a|agradezco cualquier)"
)
_THERE = r"(?=\W*$|\s*[,.!;)]| (?:in|on|at|now|already|myself|thanks|thank|here|online)\b)"  # found, and no more of it
WITHDRAWS = _cue(
    r"\b(?:never ?mind\b(?! (?:the|how|what|all|a|an|being|his|her|my|our)\b)|nvm"
    r"|(?:ignore|disregard) (?:this|that|my (?:question|post|message|last)|me\b)"
    r"|please (?:ignore|disregard)\b(?! (?:my|the|any|all) \w+)|disregard please"
    r"|forget (?:i asked|(?:about )?(?:it\W*$|(?:my|this|the) (?:question|post|message)))"
    r"|scratch that|(?:cancel|close|delete) (?:that|this|my (?:question|post|message))|this can be closed"
    r"|(?:all |it'?s |got it |we |i )?(?:sorted|solved|figured (?:it )?out)\b(?! (?:yet|how))"
    rf"|(?:i|we)(?:'ve| have)? (?:just |already )?found (?:it|one|the (?:answer|form|page|post|info\w*)){_THERE}"
    r"|no longer need|no need (?:to (?:answer|reply)|any ?more|for (?:answers|replies))"
    r"|don'?t need (?:it|this|help|an answer) any ?more"
    r"|(?:we(?:'re| are)|i'?m|i am) all set|question (?:is |was |has been )?(?:already )?answered"
    r"|answered my own question|got (?:my|an|the|our) answer\b"
    r"|olv[ií]d(?:en|al|e|ad)(?:lo|la|o|a)\b|olvid(?:en|a|ad|e) (?:mi pregunta|lo que pregunt)"
    r"|ya (?:lo |la )?(?:(?:he|hemos) )?(?:encontr(?:é|amos|ado)|resolv(?:í|imos)|resuelto|solucion(?:é|amos|ado)"
    r"|qued[oó]"
    r"|est[aá] (?:resuelt|solucionad|arreglad)[oa])"
    r"|no importa ya|ya no (?:hace falta|lo necesito|la necesito|necesito|es necesario)|no hace falta ya\b"
    r"|ya (?:me|nos) (?:respondieron|contestaron|ayudaron)|ya (?:tengo|tenemos) (?:la|una) respuesta"
    r"|(?:ignor|cancel|borr)(?:en|ad|a|ar) (?:esto|mi (?:pregunta|mensaje)))"
    rf"|(?:^\W*|[,;.!] )(?:(?:ok|okay|oh|nm)\W+)?found (?:it|one|the (?:answer|form|page|post|info\w*)){_THERE}"
)
# Said in passing these mean something else: they count where they are nearly all that a message says.
WITHDRAWS_IN_SHORT = _cue(
    r"\b(?:all good now|(?:we(?:'re| are)|i'?m) (?:all )?good now|it'?s (?:ok|okay|fine) now|worked it out|fixed it now"
    r"|fixed it\W*(?:thanks|thank|$)|ya est[aá]\W*(?:muchas |mil )?gracias|(?:resuelto|solucionad[oa])\W*(?:gracias|$)"
    r"|ya lo (?:tengo|tenemos)\W*(?:gracias|$)|d[eé]j(?:en|ad|a)lo(?: as[ií])?\b)"
)
NOT_WITHDRAWN = _cue(
    r"\b(?:not|never|isn'?t|hasn'?t|haven'?t|can'?t|couldn'?t|anyone|anybody|how|who|want|trying to|need to"
    r"|hope|no) (?:\w+ ){0,5}(?:sorted|solved|figured|figure)|\b(?:i|we|you|they|kids|said|says) never mind\b|\?\s*$"
    r"|\b(?:but(?!,? thank)|pero(?!,? gracias)|still|todav[ií]a|aunque|sigue|the problem)\b"
    r"|\b(?:typos?|spelling|autocorrect|i meant?|not yet|worse|again|quise decir|errata|peor|otra vez)\b"
    r"|\bfigured (?:it )?out (?:\w+ ){0,2}that\b"
)

# "Anyone up for pizza?" asks for company, not for help. A word of illness or care beside it makes it a need again.
INVITES = re.compile(
    r"\b(?:any(?:one|body)|who(?:'?s| is| else is)?)\s+(?:here\s+)?(?:up for|in for|down for|"
    r"free (?:for|on|this|tonight)|"
    r"wants? to (?:come|join|go|meet)|coming (?:to|along)|joining)\b"
    r"|\b(?:wanna|want to|shall we) (?:come|join|grab|meet up)\b"
    r"|\bqui[eé]n se (?:apunta|anima|suma)\b",
    re.IGNORECASE,
)
NOT_INVITES = re.compile(
    r"\b(?:explain\w*|help\w*|advice|flare\w*|school|doctor|nurse|hospital|clinic|infusion\w*|medic\w+|insurance|surgery|"
    r"ayuda|escuela|médic\w+|hospital)\b",
    re.IGNORECASE,
)
