package setuppages

import (
	"crypto/rand"
	"math/big"
	"strings"
)

// codeWords is how many words a code has: 48 bits.
const codeWords = 6

// NewCode makes a code of six words.
func NewCode() (string, error) {
	all := strings.Fields(wordList)
	var code []string
	for range codeWords {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(all))))
		if err != nil {
			return "", err
		}
		code = append(code, all[i.Int64()])
	}
	return strings.Join(code, " "), nil
}

// wordList are 256 short words that nobody mishears or misspells, each with letters of its own at the beginning.
const wordList = `
acorn actor album anchor alley amber angle ankle apple april apron arrow aspen attic autumn award bacon badge bagel baker bamboo
banjo barley basket beach beacon beaver bench berry bicycle birch biscuit blanket blossom bonfire bottle branch bread bridge broom bucket
butter button cabin cactus camel candle canoe carpet carrot castle cattle cedar cellar cherry chimney cinema circle cliff clock clover
coffee comet copper coral cotton cradle cricket crown cushion daisy dancer desert diamond dinner dolphin donkey dragon drawer dream drum
eagle easel echo elbow elephant ember engine fabric falcon farmer feather fiddle finger flame flute forest fossil fountain fox
galaxy garden garlic gate ginger glove goat golden grape gravel guitar hammer harbour harvest hazel hedge helmet heron hill honey
horse hotel igloo island ivory jacket jelly jewel jigsaw jungle kettle kitchen kitten ladder lagoon lantern laurel leaf lemon letter
lighthouse lily lizard magnet mango maple marble market meadow melon mirror mitten monkey morning mountain mustard napkin needle nest north nutmeg
oak ocean olive onion orange orchard otter oven owl oyster paddle palace pancake parrot pasta peach pebble pencil pepper piano
picnic pigeon pillow pirate planet plum pocket pony potato prairie puddle puffin pumpkin puzzle quail quarry quilt rabbit radio rainbow
raisin raven ribbon river robin rocket saddle sailor salmon sandal scarf school seal shadow shell silver skate sparrow spoon squirrel
star stone straw sugar summer sunset swan table tailor tango teapot thistle thunder tiger timber toast tomato tractor tulip turtle
umbrella valley velvet village violin wagon walnut water whale willow window winter wizard wolf zebra
`
