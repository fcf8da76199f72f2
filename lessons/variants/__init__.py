"""Ways of one lesson for town and for village: what stands side by side in a plan, and one side of it alone."""

from lessons.variants.sides import Pair as Pair
from lessons.variants.sides import Place as Place
from lessons.variants.sides import name_of as name_of
from lessons.variants.sides import one_side as one_side
from lessons.variants.sides import paired as paired
from lessons.variants.sides import sides_of as sides_of
