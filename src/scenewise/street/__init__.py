"""The street: a rendered data set of fixed camera scenes with different rules, in the generic layout.

    camera, materials, layout     what a scene consists of
    scenery                       ground, walls, houses and trees
    roads, walkways, plaza        the scenes
    scenes                        the five kinds of scene, and what is normal in each
    backdrop                      the empty scene as a picture
    body, people, riders, cars    figures in metres, and their outlines in the picture
    actors                        the figures of a video: who appears, when and where
    events                        events and frame labels
    frames                        the frames of one video
    folder, render                the data set on disk, whole or resumed

Nothing in it is made for an encoder or a method: each scene's rules alone decide what is abnormal.
"""

from scenewise.street.render import render_street

__all__ = ["render_street"]
