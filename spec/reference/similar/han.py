"""Han: Chinese names of one or two characters after a family name of one.

Schemes: Hanyu Pinyin by GB/T 28039-2011 (family name, given name in one word) and Wade-Giles (given name with a hyphen),
both without tones. Readings: Unihan `kMandarin`.
"""

from __future__ import annotations

CODE = "Hani"

READINGS = dict(
    pair.split(":")
    for pair in (
        "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 赵:zhao 黄:huang 周:zhou 吴:wu 徐:xu 孙:sun 胡:hu 朱:zhu 高:gao 林:lin "
        "何:he 郭:guo 马:ma 罗:luo 谢:xie 曹:cao 蒋:jiang 许:xu 小:xiao 明:ming 建:jian 国:guo 秀:xiu 英:ying 志:zhi 强:qiang "
        "丽:li 华:hua 晓:xiao 燕:yan 春:chun 梅:mei 玉:yu 兰:lan 文:wen 军:jun 海:hai 涛:tao 雪:xue 静:jing 俊:jun 杰:jie "
        "淑:shu 珍:zhen 伟:wei 敏:min 芳:fang 磊:lei 洋:yang 娜:na 勇:yong 艳:yan 平:ping 刚:gang 桂:gui 香:xiang 德:de 成:cheng 北:bei 京:jing 上:shang 广:guang 州:zhou "
        "天:tian 津:jin 都:du 昆:kun 重:chong 庆:qing 南:nan 济:ji"
    ).split()
)
GIVEN = {
    "F": ["秀英", "丽华", "晓燕", "春梅", "玉兰", "雪静", "淑珍", "桂香", "海燕", "娜"],
    "M": ["小明", "建国", "志强", "文军", "海涛", "俊杰", "德成", "国平", "伟", "建勇", "志刚", "文杰"],
}
FAMILY = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗谢曹蒋许")
PLACES = ["北京", "上海", "广州", "天津", "成都", "昆明", "兰州", "重庆", "南京", "济南"]
LETTERS = "明国英强华燕梅兰军涛静杰珍芳磊洋勇平"

# Wade-Giles of the syllables used, from initials and finals of the standard table.
INITIALS = {
    "zh": "ch", "ch": "ch’", "sh": "sh", "b": "p", "p": "p’", "m": "m", "f": "f", "d": "t", "t": "t’", "n": "n", "l": "l",
    "g": "k", "k": "k’", "h": "h", "j": "ch", "q": "ch’", "x": "hs", "r": "j", "z": "ts", "c": "ts’", "s": "s",
}  # fmt: skip
WHOLE = {
    "zhi": "chih", "yan": "yen", "yu": "yü", "yong": "yung", "he": "ho", "de": "te", "xu": "hsü", "jun": "chün", "xue": "hsüeh",
    "jian": "chien", "ye": "yeh", "guo": "kuo", "luo": "lo", "gui": "kuei", "xie": "hsieh", "jie": "chieh", "yang": "yang",
    "ying": "ying", "wang": "wang", "wu": "wu", "wen": "wen", "wei": "wei", "tian": "t’ien", "chong": "ch’ung", "bei": "pei",
}  # fmt: skip


def wade_giles(syllable: str) -> str:
    if syllable in WHOLE:
        return WHOLE[syllable]
    initial = next(i for i in (*("zh", "ch", "sh"), *INITIALS) if syllable.startswith(i))
    return INITIALS[initial] + syllable[len(initial) :]


def spellings(name: str) -> dict[str, str]:
    syllables = [READINGS[c] for c in name]
    return {
        "Pinyin, GB/T 28039-2011": "".join(syllables).capitalize(),
        "Wade-Giles": "-".join(map(wade_giles, syllables)).capitalize(),
    }
