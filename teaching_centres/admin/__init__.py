from teaching_centres.admin import people as people
from teaching_centres.admin import units as units
